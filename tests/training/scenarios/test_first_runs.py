"""The classes of the demo org run offline: the first click on Run succeeds."""

import pytest

from tests.conftest import signed_in
from tokenx.org.models import ApexClass
from tokenx.training.scenarios.demo_org import build_demo_org


@pytest.fixture
def client(db):
    return signed_in(build_demo_org(password="correct horse"))


def test_each_handler_class_of_the_demo_runs_on_good_and_bad_tokens(client, subtests):
    names = ApexClass.objects.order_by("name").values_list("name", flat=True)
    assert len(names) == 7
    for name in names:
        url = f"/apex-classes/{name}/run/"
        form = client.get(url).context["form"]
        values = {field: form[field].value() for field in form.fields}
        data = {
            field: "on" if value is True else value
            for field, value in values.items()
            if value not in (None, False)
        }
        for state in ["good", "expired", "forged"]:
            with subtests.test(name=name, state=state):
                response = client.post(url, data | {"state": state, "do": "run"})

                outcome = response.context["outcome"]
                assert outcome.run.error is None
                assert outcome.run.is_successful == (state == "good"), outcome.run.refusal
