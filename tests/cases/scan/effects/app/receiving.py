from django.dispatch import receiver


@receiver(1)
def hear(): ...
