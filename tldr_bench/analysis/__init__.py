"""What the figures mean: pairs of systems, conventions, suspicions, and agreement with people.

Each module reads boards, tasks and alignments and returns records; none prints, and none takes a
decision about significance of its own where the board's decisions speak.
"""
