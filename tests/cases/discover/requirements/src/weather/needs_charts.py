from .charts import lines
