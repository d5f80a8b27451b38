"""What belongs to one lesson stands under its number: its knobs and its exercises. No lesson imports another."""
