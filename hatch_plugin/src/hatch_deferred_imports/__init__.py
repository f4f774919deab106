"""The hatch build hook of deferred-imports; hatchling finds it through `hooks`, nobody else imports anything here."""
