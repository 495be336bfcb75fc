"""What is looked up again and again is found by an index, however long the history is."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_index("renewals_by_certificate", "renewals", ["certificate", sa.text("id desc")])
    op.create_index("renewals_by_state", "renewals", ["state", "id"])
    op.create_index("renewals_by_end", "renewals", ["finished_at"])
    op.create_index("activations_by_renewal", "activations_of_nodes", ["renewal"])
    op.create_index("activations_by_certificate", "activations_of_nodes", ["certificate"])
    op.create_index("events_by_node", "events", ["node", "id"])
    op.create_index("events_by_subject", "events", ["subject", "id"])
