"""What the stand-ins of Pulumi's plugins share, whichever cloud they play."""
