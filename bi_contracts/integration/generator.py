"""Mock data by name: what `bi-contracts mock` makes, for Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from ..contract import Contract
from ..errors import ConfigurationError
from ..mock import Mock, MockDataConfig, records
from ..registry import find, platform
from ..workspace import Workspace

Made = dict[str, Any]


class BIMockDataGenerator:
    """Makes mock data in the form of the vendors' answers, each marked `"source": "mock"`.

    What is made with one seed and one number of records belongs together: a person is the same in every platform,
    and references lead somewhere. A subclass adds a generator with one method, `generate_new_platform_data(self,
    config)`; what that returns is marked as well.

    Args:
        workspace: Whose platforms and contracts are known; that of the current folder if None.
    """

    def __init__(self, workspace: Workspace | None = None) -> None:
        self._workspace = workspace

    def __init_subclass__(cls, **words: Any) -> None:
        super().__init_subclass__(**words)
        for name, method in list(vars(cls).items()):
            if name.startswith("generate_") and callable(method):
                setattr(cls, name, marked(method))

    @property
    def workspace(self) -> Workspace:
        """Whose platforms and contracts are known."""
        if self._workspace is None:
            self._workspace = Workspace.discover()
        return self._workspace

    def mock(self, id: str, config: MockDataConfig | None = None) -> Mock:
        """The mock data of an endpoint as a value. Raises `UnknownEndpoint` and what `mock.records` raises."""
        asked = config or MockDataConfig()
        known, path = find(id, self.workspace), self.workspace.find_contract(id)
        contract = None if path is None else Contract.load(path)
        if known is None and contract is None:
            from ..registry import target

            target(id, self.workspace)
        return records(
            known.platform if known else None,
            known.endpoint if known else None,
            contract,
            asked.record_count,
            asked.seed,
            quality=asked.data_quality,
            scenario=asked.scenario,
            defects=asked.defects,
            error=asked.error,
        )

    def generate(self, id: str, config: MockDataConfig | None = None) -> Made:
        """The mock data of an endpoint, `acme/things`, in the form of its answer.

        Beside what the vendor answers stand `"source": "mock"` and `"mock"`: seed, scenario, quality, the status of
        the answer, and the defects with their places. Where the answer is no list in an object, its records stand
        under `records`.
        """
        return _answered(self.mock(id, config))

    def generate_platform(self, config: MockDataConfig) -> dict[str, Made]:
        """Every list of a platform, by the endpoints' names."""
        lists = [one for one in platform(config.platform, self.workspace).endpoints if one.kind == "list"]
        return {one.name: self.generate(f"{config.platform}/{one.name}", config) for one in lists}

    # By what they are about, whichever platform has them

    def generate_crm_contacts(self, config: MockDataConfig) -> Made:
        """People of a CRM: of HubSpot unless the configuration names Salesforce or Intercom."""
        return self._of(config, {"hubspot": "contacts", "salesforce": "contacts", "intercom": "contacts"})

    def generate_crm_companies(self, config: MockDataConfig) -> Made:
        """Companies of a CRM: of HubSpot unless the configuration names Salesforce or Intercom."""
        return self._of(config, {"hubspot": "companies", "salesforce": "accounts", "intercom": "companies"})

    def generate_crm_pipeline(self, config: MockDataConfig) -> Made:
        """Deals of a CRM: of HubSpot unless the configuration names Salesforce."""
        return self._of(config, {"hubspot": "deals", "salesforce": "opportunities"})

    def generate_projects(self, config: MockDataConfig) -> Made:
        """Projects: of Asana unless the configuration names Linear."""
        return self._of(config, {"asana": "projects", "linear": "projects"})

    def generate_tasks(self, config: MockDataConfig) -> Made:
        """Tasks: of Asana unless the configuration names Linear, HubSpot or Salesforce."""
        return self._of(config, {"asana": "tasks", "linear": "issues", "hubspot": "tasks", "salesforce": "tasks"})

    def generate_messages(self, config: MockDataConfig) -> Made:
        """What people write: Slack's messages unless the configuration names Intercom."""
        return self._of(config, {"slack": "history", "intercom": "conversations"})

    # By platform

    def generate_gong_calls(self, config: MockDataConfig) -> Made:
        """Gong's calls."""
        return self.generate("gong/calls", config)

    def generate_hubspot_deals(self, config: MockDataConfig) -> Made:
        """HubSpot's deals."""
        return self.generate("hubspot/deals", config)

    def generate_salesforce_opportunities(self, config: MockDataConfig) -> Made:
        """Salesforce's opportunities."""
        return self.generate("salesforce/opportunities", config)

    def generate_asana_tasks(self, config: MockDataConfig) -> Made:
        """Asana's tasks."""
        return self.generate("asana/tasks", config)

    def generate_linear_issues(self, config: MockDataConfig) -> Made:
        """Linear's issues."""
        return self.generate("linear/issues", config)

    def generate_slack_messages(self, config: MockDataConfig) -> Made:
        """The messages of Slack's channels."""
        return self.generate("slack/history", config)

    def generate_notion_pages(self, config: MockDataConfig) -> Made:
        """Notion's pages."""
        return self.generate("notion/pages", config)

    def generate_looker_dashboards(self, config: MockDataConfig) -> Made:
        """Looker's dashboards."""
        return self.generate("looker/dashboards", config)

    def generate_intercom_conversations(self, config: MockDataConfig) -> Made:
        """Intercom's conversations."""
        return self.generate("intercom/conversations", config)

    def _of(self, config: MockDataConfig, lists: Mapping[str, str]) -> Made:
        """The list of the platform that was asked for, of the first one where none was."""
        name = config.platform or next(iter(lists))
        if name not in lists:
            raise ConfigurationError(f"{name!r} has none of these; known are {', '.join(lists)}")
        return self.generate(f"{name}/{lists[name]}", config)


def marked(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, whose result says that it is mock data."""

    @wraps(method)
    def wrapped(*args: Any, **words: Any) -> Any:
        made = method(*args, **words)
        return {**made, "source": "mock"} if isinstance(made, dict) and "source" not in made else made

    return wrapped


def _answered(mock: Mock) -> Made:
    answer = mock.answer
    about = {name: value for name, value in mock.as_dict().items() if name not in ("records", "source")}
    if answer is not None:
        about["status"] = answer["status"]
        body = answer["body"]
        if isinstance(body, dict) and not {"source", "mock"} & body.keys():
            return {**body, "source": mock.source, "mock": about}
    return {"records": list(mock.records), "source": mock.source, "mock": about}
