from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as N_

from programs.enums import QuestionType as T
from programs.questions.definitions import choice_key
from programs.templates_catalog.base import (
    ChoiceTemplate,
    CriterionTemplate,
    ProgramTemplate,
    QuestionTemplate,
)

# (key, what mentors are asked, what mentees are asked, well-known names)
AREAS = (
    (
        "languages",
        _("Which programming languages can you show somebody?"),
        _("Which programming languages would you like to learn?"),
        (
            "JavaScript; HTML/CSS; Python; SQL; TypeScript; Java; C; C++; C#; F#; Go; Rust; Kotlin; PHP; "
            "Ruby; Swift; Scala; R; Dart; Lua; Elixir"
        ),
    ),
    (
        "databases",
        _("Which databases can you show somebody?"),
        _("Which databases would you like to learn?"),
        (
            "PostgreSQL; MySQL; SQLite; Redis; MongoDB; Microsoft SQL Server; MariaDB; Oracle; "
            "Elasticsearch; BigQuery; Snowflake; DuckDB; Valkey"
        ),
    ),
    (
        "platforms",
        _("Which cloud and build platforms can you show somebody?"),
        _("Which cloud and build platforms would you like to learn?"),
        (
            "Docker; Kubernetes; Amazon Web Services (AWS); Microsoft Azure; Google Cloud; Terraform; "
            "Ansible; npm; Vite; Gradle; Prometheus; Cloudflare"
        ),
    ),
    (
        "frameworks",
        _("Which web frameworks can you show somebody?"),
        _("Which web frameworks would you like to learn?"),
        (
            "React; Node.js; Next.js; Vue.js; Angular; Svelte; Django; Flask; FastAPI; Spring Boot; "
            "ASP.NET Core; Laravel; Ruby on Rails; Express"
        ),
    ),
    (
        "environments",
        _("Which development environments can you show somebody?"),
        _("Which development environments would you like to learn?"),
        (
            "Visual Studio Code; Visual Studio; IntelliJ IDEA; PyCharm; Vim; Neovim; Cursor; Claude Code; "
            "Xcode; Android Studio; Jupyter Notebook/JupyterLab"
        ),
    ),
    (
        "collaboration",
        _("Which collaboration tools can you show somebody?"),
        _("Which collaboration tools would you like to learn?"),
        ("GitHub; GitLab; Jira; Confluence; Notion; Obsidian; Miro; Trello; Google Workspace; Linear"),
    ),
    (
        "communication",
        _("Which communication platforms can you show somebody?"),
        _("Which communication platforms would you like to learn?"),
        ("Stack Overflow; YouTube; LinkedIn; Discord; Reddit; Bluesky; Medium; Substack"),
    ),
    (
        "ai_models",
        _("Which AI models can you show somebody?"),
        _("Which AI models would you like to learn?"),
        (
            "Anthropic: Claude Sonnet; Mistral AI models; Meta Llama (all models); Perplexity Sonar "
            "models; X Grok models"
        ),
    ),
)

EVERY_AREA = "question:" + "+".join(key for key, *_rest in AREAS)
SKILLS, YOU, WORK = _("Technology"), _("About you"), _("How you work")


def _skill(key: str, label: object, names: str) -> QuestionTemplate:
    known = tuple(ChoiceTemplate(choice_key(name), name) for name in names.split("; "))
    return QuestionTemplate(key, T.SEVERAL_CHOICES, label, section=SKILLS, choices=known)  # type: ignore[arg-type]


def _one_of(*labels: str) -> tuple[ChoiceTemplate, ...]:
    return tuple(ChoiceTemplate(choice_key(label), _(label)) for label in labels)


LEARNING = _one_of(
    N_("Online Courses or Certification (includes all media types)"),
    N_("Other online resources (e.g. standard search, forum, online community)"),
    N_("Books / Physical media"),
    N_("Videos (not associated with specific online course or certification)"),
    N_("Technical documentation (is generated for/by the tool or system)"),
    N_("AI CodeGen tools or AI-enabled apps"),
    N_("Colleague or on-the-job training"),
    N_("Blogs or podcasts"),
    N_("Games or coding challenges"),
    N_("School (i.e., University, College, etc)"),
)
PLACES = _one_of(
    N_("Remote"),
    N_("In-person"),
    N_("Hybrid (some in-person, leans heavy to flexibility)"),
    N_("Hybrid (some remote, leans heavy to in-person)"),
    N_("Your choice (very flexible, you can come in when you want or just as needed)"),
)
FEELINGS = _one_of(
    N_("Very favorable"),
    N_("Favorable"),
    N_("Indifferent"),
    N_("Unfavorable"),
    N_("Very unfavorable"),
    N_("Unsure"),
)
AGES = _one_of(
    N_("18-24 years old"),
    N_("25-34 years old"),
    N_("35-44 years old"),
    N_("45-54 years old"),
    N_("55-64 years old"),
    N_("65 years or older"),
    N_("Prefer not to say"),
)

ABOUT_YOU = (
    QuestionTemplate(
        "people_manager",
        T.SINGLE_CHOICE,
        _("People manager or individual contributor?"),
        section=YOU,
        choices=_one_of(N_("People manager"), N_("Individual contributor")),
    ),
    QuestionTemplate(
        "years_of_experience",
        T.NUMBER,
        _("Years of work experience"),
        section=YOU,
        settings={"min": 0, "max": 60},
    ),
    QuestionTemplate("age_group", T.SINGLE_CHOICE, _("Age group"), section=YOU, sensitive=True, choices=AGES),
    QuestionTemplate(
        "introduction",
        T.SHORT_TEXT,
        _("Introduce yourself in one sentence"),
        help=_("Your partner reads this first."),
        section=YOU,
        settings={"max_length": 200},
    ),
    QuestionTemplate("workplace", T.SINGLE_CHOICE, _("Where do you work?"), section=WORK, choices=PLACES),
    QuestionTemplate(
        "learning", T.SEVERAL_CHOICES, _("How do you learn best?"), section=WORK, choices=LEARNING
    ),
    QuestionTemplate(
        "ai_feeling",
        T.SINGLE_CHOICE,
        _("How do you feel about AI tools at work?"),
        section=WORK,
        choices=FEELINGS,
    ),
    QuestionTemplate(
        "job_satisfaction",
        T.SCALE,
        _("How satisfied are you with your job (0-10)?"),
        section=WORK,
        settings={"min": 0, "max": 10, "low": _("Not at all"), "high": _("Very much")},
    ),
)


TEMPLATE = ProgramTemplate(
    key="technology_skills",
    name=_("Technology skills"),
    summary=_(
        "Eight areas of technology, from languages to AI models: mentors tick what they can show, "
        "leaders what they would like to learn. Fits answers that were collected with a form tool."
    ),
    purpose=_(
        "Leaders get hands-on with the technology their teams use every day, shown by colleagues who "
        "work with it. Mentors practise explaining what they do to those who decide about it."
    ),
    mentor_title=_("What you can show"),
    mentee_title=_("What you would like to learn"),
    mentor_introduction=_("Tick what you could show a leader in an hour. Leave out what you do not use."),
    mentee_introduction=_(
        "Tick what you are curious about. A few honest ticks lead to a better match than many."
    ),
    mentor_questions=(*(_skill(key, show, names) for key, show, _l, names in AREAS), *ABOUT_YOU),
    mentee_questions=(*(_skill(key, learn, names) for key, _s, learn, names in AREAS), *ABOUT_YOU),
    criteria=(
        CriterionTemplate(
            "learning_goals",
            _("Mentor can show what the mentee wants to learn"),
            "covers",
            EVERY_AREA,
            EVERY_AREA,
            5,
        ),
        CriterionTemplate("unit", _("From different units"), "different", "person:unit", "person:unit", 1),
        CriterionTemplate(
            "region", _("From different regions"), "different", "person:region", "person:region", 1
        ),
        CriterionTemplate(
            "hours", _("Working hours in common"), "hours", "person:time_zone", "person:time_zone", 1
        ),
    ),
    topics=(
        _("A tool shown on a real task"),
        _("How a change gets from an idea to our customers"),
        _("What an AI model is good for here, and what not"),
        _("Why some of our systems are hard to change"),
    ),
)
