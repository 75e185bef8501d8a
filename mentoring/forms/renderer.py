from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Forms look like templates/django/forms/ say."""
