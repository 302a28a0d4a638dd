"""The classes of scenarios run offline: the first click on Run succeeds."""

import pytest

from tests.conftest import signed_in
from tokenx.org.models import ApexClass
from tokenx.training.scenarios.catalogue import DEMO, find_scenario, scenarios
from tokenx.training.scenarios.demo_org import build_demo_org


def test_the_classes_of_the_first_steps_run_on_good_and_bad_tokens(db, subtests):
    check_runs(find_scenario("first-steps"), subtests)


@pytest.mark.slow
def test_each_handler_class_runs_on_good_and_bad_tokens(db, subtests):
    light = {each.slug: each for each in scenarios().values() if each.is_light}
    for scenario in (light | {DEMO: find_scenario(DEMO)}).values():
        check_runs(scenario, subtests)


def check_runs(scenario, subtests):
    admin = build_demo_org(scenario, password="correct horse")
    client = signed_in(admin)
    for name in ApexClass.objects.filter(org=admin.org).values_list("name", flat=True):
        for broken in ["", "expired", "forged_signature"]:
            with subtests.test(scenario=scenario.slug, name=name, broken=broken):
                run = first_run(client, name, broken=broken)

                assert run.error is None
                assert run.is_successful == (broken == ""), run.refusal


def first_run(client, name, **changes):
    """Run a class with the entries that its page proposes."""
    url = f"/apex-classes/{name}/run/"
    form = client.get(url).context["form"]
    values = {field: form[field].value() for field in form.fields}
    data = {
        field: "on" if value is True else value
        for field, value in values.items()
        if value not in (None, False)
    }
    return client.post(url, data | changes | {"do": "run"}).context["outcome"].run
