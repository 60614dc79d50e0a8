"""What was found, told: lines of JSON for programs, a summary and an explanation for persons; masked unless values are asked for."""
