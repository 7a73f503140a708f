"""Addresses of pictures. (The pages are the admin's.)"""

from django.urls import path

from apps.products.views import images

app_name = "products"
urlpatterns = [
    path("images/<int:pk>/", images.image, name="image"),
    path("images/<int:pk>/thumb/", images.thumb, name="thumb"),
]
