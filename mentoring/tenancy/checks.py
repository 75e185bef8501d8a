"""System checks that make the two locks and the door impossible to forget."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from mentoring.tenancy.scoping import OrganizationScoped, scoped_models

OUR_PACKAGES = ("mentoring", "programs", "matching", "sessions", "outcomes")
# allauth guards its own pages; none of them reads a tenant's table.
FOREIGN_PREFIXES = ("allauth.", "django.")


def routed_views(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routed_views(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry


@register("tenancy")
def every_view_is_guarded(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"The view at {path!r} has no guard.",
            hint="Use one of mentoring.tenancy.guards.",
            id="upward.E001",
        )
        for path, entry in routed_views()
        if not hasattr(entry.callback, "guard") and not entry.callback.__module__.startswith(FOREIGN_PREFIXES)
    ]


def _begins_with_organization(constraint: models.UniqueConstraint) -> bool:
    if constraint.fields:
        return constraint.fields[0] == "organization"
    return bool(constraint.expressions) and "organization" in repr(constraint.expressions[0])


@register("tenancy")
def scoped_models_are_scoped(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    from django.apps import apps

    found: list[CheckMessage] = []
    scoped: set[Any] = set(scoped_models())
    for model in apps.get_models():
        if model.__module__.split(".")[0] not in OUR_PACKAGES:
            continue
        for field in model._meta.get_fields():
            related = getattr(field, "related_model", None)
            if model not in scoped and isinstance(field, models.ForeignKey) and related in scoped:
                found.append(Error(f"{model.__name__}.{field.name} points into a tenant.", id="upward.E002"))
            if isinstance(field, models.ManyToManyField):
                found.append(Error(f"{model.__name__}.{field.name}: write the table out.", id="upward.E003"))
    for model in scoped:
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.UniqueConstraint) and not _begins_with_organization(constraint):
                found.append(Error(f"{constraint.name} must begin with the organization.", id="upward.E004"))
        for field in model._meta.local_fields:
            if getattr(field, "unique", False) and not field.primary_key:
                found.append(
                    Error(f"{model.__name__}.{field.name} is unique across tenants.", id="upward.E005")
                )
        if model._meta.base_manager_name != OrganizationScoped.Meta.base_manager_name:
            found.append(
                Error(f"{model.__name__}.Meta must extend OrganizationScoped.Meta.", id="upward.E006")
            )
    return found
