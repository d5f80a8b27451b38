"""What every panel stands on: its life and its errors, and how a picture gets to the screen."""
