"""A page, the same as JSON, who is answering, and what Django and Python draw."""

import os
import random
import time

from django.http import JsonResponse
from django.middleware.csrf import get_token
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


def draw(request):
    """Begins a session; the secret of its tokens against forgery is in a cookie."""
    get_token(request)
    request.session.create()
    return JsonResponse({"session": request.session.session_key, "random": str(random.getrandbits(64))})
