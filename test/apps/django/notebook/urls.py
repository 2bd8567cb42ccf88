"""Which path is which view."""

from django.urls import path

from notes import views

urlpatterns = [
    path("", views.index),
    path("notes.json", views.notes_json),
    path("worker", views.worker),
    path("draw", views.draw),
]
