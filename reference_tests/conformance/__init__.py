"""The flow: case -> references -> the implementation under test -> comparison -> diagnosis -> verdict."""
