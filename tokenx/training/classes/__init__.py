"""Classes: a trainer's view of the participants' orgs."""
