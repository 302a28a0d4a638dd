"""Deployments: uploads, the preview, the queue, and the changes to the org."""
