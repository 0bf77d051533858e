"""Portal: the customers' door, the Client Area. One page = one module in `views` = one template = one test.

It may import journeys, capabilities' queries and actions, wiring, domain and the design system `entrypoints.pages`;
never tables, never another door. It reads the clock once per request and passes days and moments on.
"""

from __future__ import annotations
