"""From PAGE to what people read."""
