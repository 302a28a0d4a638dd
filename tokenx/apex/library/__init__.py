"""The platform's methods, constructors, and properties: one module for each subject."""
