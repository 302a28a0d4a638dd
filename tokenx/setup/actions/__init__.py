"""What can be done to apps, users and Apex classes, each verb stamped and audited."""
