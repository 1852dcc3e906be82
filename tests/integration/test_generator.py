"""Mock data by name, as the seed's examples ask for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bi_contracts.errors import ConfigurationError, UnknownEndpoint
from bi_contracts.integration import BIMockDataGenerator, MockDataConfig
from bi_contracts.registry import platforms
from bi_contracts.workspace import Workspace

GENERATORS = {
    "generate_gong_calls": "calls",
    "generate_crm_contacts": "results",
    "generate_crm_companies": "results",
    "generate_crm_pipeline": "results",
    "generate_projects": "data",
    "generate_tasks": "data",
    "generate_messages": "messages",
    "generate_hubspot_deals": "results",
    "generate_salesforce_opportunities": "records",
    "generate_asana_tasks": "data",
    "generate_slack_messages": "messages",
    "generate_notion_pages": "results",
    "generate_looker_dashboards": "records",
    "generate_intercom_conversations": "conversations",
}


@pytest.fixture
def generator(tmp_path: Path) -> BIMockDataGenerator:
    """A generator in an empty workspace."""
    return BIMockDataGenerator(Workspace(tmp_path))


def test_the_seed_s_first_example(generator: BIMockDataGenerator) -> None:
    """Ten calls, as Gong would answer them."""
    found = generator.generate_gong_calls(MockDataConfig(platform="gong", scenario="success", record_count=10))
    assert len(found["calls"]) == 10
    assert found["records"]["totalRecords"] == 10


def test_the_seed_s_second_example(generator: BIMockDataGenerator) -> None:
    """Contacts of which three in ten have something wrong."""
    found = generator.generate_crm_contacts(MockDataConfig(platform="hubspot", scenario="success", data_quality=0.7))
    assert len(found["results"]) == 10
    assert len({defect["record"] for defect in found["mock"]["defects"]}) == 3


@pytest.mark.parametrize("n", [0, 1, 250])
@pytest.mark.parametrize(("name", "member"), GENERATORS.items())
def test_generators_make_as_many_as_asked_for(generator: BIMockDataGenerator, name: str, member: str, n: int) -> None:
    """Regression: generators accept 0; there is one answer however long the platform's pages are."""
    found = getattr(generator, name)(MockDataConfig(record_count=n))
    assert len(found[member]) == n


@pytest.mark.parametrize("name", [*GENERATORS, "generate_linear_issues"])
def test_generators_are_seedable_and_marked(generator: BIMockDataGenerator, name: str) -> None:
    """Regression: mock results are marked, generators are seedable."""
    one, same, other = (getattr(generator, name)(MockDataConfig(seed=seed, record_count=5)) for seed in (1, "1", 2))
    assert one == same != other
    assert one["source"] == "mock"
    assert one["mock"]["seed"] == "1"


@pytest.mark.parametrize(
    ("name", "platform", "id"),
    [
        ("generate_crm_contacts", "salesforce", "salesforce/contacts"),
        ("generate_crm_companies", "intercom", "intercom/companies"),
        ("generate_crm_pipeline", "salesforce", "salesforce/opportunities"),
        ("generate_projects", "linear", "linear/projects"),
        ("generate_tasks", "hubspot", "hubspot/tasks"),
        ("generate_messages", "intercom", "intercom/conversations"),
    ],
)
def test_the_configuration_names_the_platform(
    generator: BIMockDataGenerator, name: str, platform: str, id: str
) -> None:
    """Of those that have such a thing."""
    assert getattr(generator, name)(MockDataConfig(platform))["mock"]["endpoint"] == id


def test_a_platform_that_has_no_such_thing_is_refused(generator: BIMockDataGenerator) -> None:
    """With those that have."""
    with pytest.raises(ConfigurationError, match="'slack' has none of these; known are hubspot, salesforce"):
        generator.generate_crm_pipeline(MockDataConfig("slack"))


@pytest.mark.parametrize("name", [one.name for one in platforms()])
def test_a_platform_s_lists_come_as_one_set(generator: BIMockDataGenerator, name: str) -> None:
    """Every list by its name, each marked."""
    found = generator.generate_platform(MockDataConfig(name, record_count=3))
    assert len(found) > 4
    assert {one["source"] for one in found.values()} == {"mock"}


def test_an_empty_and_a_failing_platform(generator: BIMockDataGenerator) -> None:
    """In its own words, with the status beside."""
    empty = generator.generate_gong_calls(MockDataConfig(scenario="empty"))
    failing = generator.generate_gong_calls(MockDataConfig(scenario="error", error="rate-limited"))
    assert (empty["mock"]["status"], failing["mock"]["status"]) == (404, 429)
    assert empty["errors"]


def test_half_an_answer_says_that_there_is_more(generator: BIMockDataGenerator) -> None:
    """Half of the records, and a cursor."""
    found = generator.generate_gong_calls(MockDataConfig(scenario="partial", record_count=6))
    assert len(found["calls"]) == 3
    assert found["records"]["cursor"]


def test_single_things_are_records(generator: BIMockDataGenerator) -> None:
    """They have no answer in common."""
    found = generator.generate("hubspot/contact", MockDataConfig(record_count=2))
    assert len(found["records"]) == 2
    assert found["source"] == "mock"


def test_an_unknown_endpoint_is_answered_with_the_nearest(generator: BIMockDataGenerator) -> None:
    """As everywhere."""
    with pytest.raises(UnknownEndpoint, match="did you mean gong/call or gong/calls"):
        generator.generate("gong/callz")


def test_the_workspace_of_the_current_folder_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found when it is first needed."""
    monkeypatch.chdir(tmp_path)
    assert BIMockDataGenerator().workspace.root == tmp_path.resolve()


class Own(BIMockDataGenerator):
    """A contributor's generator: one method, as the seed's Contributing section has it."""

    def generate_new_platform_data(self, config: MockDataConfig) -> dict[str, Any]:
        return {"things": [{"number": number} for number in range(config.record_count)]}

    def generate_marked_data(self, config: MockDataConfig) -> dict[str, Any]:
        return self.generate("gong/calls", config)


def test_a_generator_is_added_with_one_method(tmp_path: Path) -> None:
    """What it makes is marked without a word of its own; the others are still there."""
    own = Own(Workspace(tmp_path))
    found = own.generate_new_platform_data(MockDataConfig(record_count=2))
    assert found == {"things": [{"number": 0}, {"number": 1}], "source": "mock"}
    assert own.generate_marked_data(MockDataConfig(record_count=1))["mock"]["endpoint"] == "gong/calls"
    assert len(own.generate_gong_calls(MockDataConfig())["calls"]) == 10
