"""Handwritten digits: how their strokes run, how writers differ, and how ink is recognised and measured."""
