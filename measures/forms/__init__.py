"""What people type and upload, checked."""
