"""Target `gcp`: Google Cloud Vertex AI."""
