"""What every table has."""

from django.db import models


class TimestampedModel(models.Model):
    """When a row was made and last saved, in UTC."""

    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    modified_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True
