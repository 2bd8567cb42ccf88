"""A page, the same as JSON, and who is answering."""

import os
import time

from django.http import JsonResponse
from django.shortcuts import render

from .models import Note


def index(request):
    """The page."""
    return render(request, "notes/index.html", {"notes": Note.objects.all()})


def notes_json(request):
    """The same for programs."""
    return JsonResponse({"notes": list(Note.objects.values("id", "title"))})


def worker(request):
    """Says which worker answers, after `?seconds=`: two at once are answered by two workers."""
    time.sleep(float(request.GET.get("seconds", 0)))
    return JsonResponse({"pid": os.getpid(), "ppid": os.getppid(), "uid": os.getuid()})
