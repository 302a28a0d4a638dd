"""A mutation sample: does a changed line make a test fail?"""
