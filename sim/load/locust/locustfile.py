"""The master's side: locust -f locustfile.py --master, and any number of
ringback load --locust HOST:5557 --per-user 10/s --target URL."""

from locust import User, task


class Ringback(User):
    """Stands for callbacks at the rate of --per-user, which the workers send."""

    @task
    def callbacks(self):
        raise RuntimeError("workers are ringback load --locust HOST:5557")
