"""GGUF models in process."""
