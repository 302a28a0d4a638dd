"""Who and what is in an org: users, apps, Apex classes, the audit trail."""
