from datetime import UTC, datetime

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# When rows that are there already became known is not known: before everything that was decided with them.
BEFORE_EVERYTHING = datetime(2000, 1, 1, tzinfo=UTC)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_prices_that_include_tax"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="price", name="price_starts_once_a_day"),
        migrations.RemoveConstraint(model_name="taxrate", name="tax_rate_starts_once_a_day"),
        migrations.AddField(
            model_name="price",
            name="recorded_at",
            field=models.DateTimeField(default=BEFORE_EVERYTHING),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="taxrate",
            name="recorded_at",
            field=models.DateTimeField(default=BEFORE_EVERYTHING),
            preserve_default=False,
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="price",
            trigger=pgtrigger.compiler.Trigger(
                name="price_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="6e7207df0d2fd95f6825c08ca43f5057d7b2af0a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_price_append_only_87128",
                    table="price",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="price",
            trigger=pgtrigger.compiler.Trigger(
                name="price_never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from price';",
                    hash="53b09c40cf95d04a0367d07e8861b48e1dd91fc3",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_price_never_truncated_87f25",
                    table="price",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taxrate",
            trigger=pgtrigger.compiler.Trigger(
                name="tax_rate_append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c984f82cd681504fe9fbf6ee2041acaf4ce50cda",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_tax_rate_append_only_d014c",
                    table="tax_rate",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taxrate",
            trigger=pgtrigger.compiler.Trigger(
                name="tax_rate_never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from tax_rate';",
                    hash="45e308639fba2ecacb0e86da2d58df4fc6a3b34f",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_tax_rate_never_truncated_982ee",
                    table="tax_rate",
                    when="BEFORE",
                ),
            ),
        ),
    ]
