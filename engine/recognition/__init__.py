"""Speech to text: what was said in a recording, word by word, with times and confidences.

`engine.recognition.transcript` is what comes of it, `engine.recognition.recogniser` what a recogniser is, and each
recogniser is a module of its own. `engine.hearing` chooses one and keeps it in memory; `Engine.transcribe` is the door.
docs/recognition.md says which there are and how well they hear.
"""
