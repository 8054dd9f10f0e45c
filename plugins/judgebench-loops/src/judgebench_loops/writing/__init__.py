"""What models are asked to write (prompts, instructions, judgments) and the files that hold training rows."""
