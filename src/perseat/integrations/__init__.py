"""Who answers each port, one folder a supplier.

Imports ports, domain and the supplier's library. Never a capability, a journey or another supplier.
"""

from __future__ import annotations
