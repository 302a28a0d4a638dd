"""Training: scenarios, practice orgs, snapshots, exercises, classes, and demos."""
