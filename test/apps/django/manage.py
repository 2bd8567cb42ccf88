#!/usr/bin/python3
"""The command of this project: `manage.py migrate` and the like."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notebook.settings")
    execute_from_command_line(sys.argv)
