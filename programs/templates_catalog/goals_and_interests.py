from django.utils.translation import gettext_lazy as _

from programs.enums import QuestionType as T
from programs.templates_catalog.base import (
    CriterionTemplate,
    ProgramTemplate,
    QuestionTemplate,
    choices,
)

SKILLS = choices(
    ai_tools=_("AI tools in everyday work"),
    data_literacy=_("Reading and questioning data"),
    social_media=_("Social media and personal presence"),
    digital_collaboration=_("Working together online"),
    new_ways_of_working=_("New ways of working: agile, remote, asynchronous"),
    automation=_("Automating small tasks"),
    cyber_habits=_("Safe digital habits"),
    customer_generations=_("How younger customers decide and buy"),
    inclusion=_("Inclusion and belonging as it is lived here"),
    career_expectations=_("What people early in their career expect from work"),
    sustainability=_("Sustainability in daily decisions"),
    wellbeing=_("Mental health and boundaries at work"),
    start_ups=_("How start-ups try things out"),
    design_thinking=_("Designing with users"),
    storytelling=_("Telling a story in video, audio and short text"),
)

INSIGHTS = choices(
    decisions=_("How decisions are made at the top"),
    strategy=_("Where the company is going, and why"),
    career=_("Making a career here"),
    visibility=_("Being seen and heard in a large company"),
    influence=_("Getting an idea through"),
    leading=_("Leading people"),
    feedback=_("Giving and taking feedback"),
    numbers=_("Reading the figures of a business"),
    customers=_("Working with important customers"),
    change=_("Leading through change"),
    abroad=_("Working in other countries"),
    setbacks=_("Setbacks, and what came of them"),
    balance=_("Work and life at the top"),
)

INTERESTS = choices(
    technology=_("Technology"),
    innovation=_("Innovation and new business"),
    careers=_("Careers and how they are made"),
    leadership=_("Leadership"),
    culture=_("Culture of the company"),
    markets=_("Markets and customers"),
    science=_("Science"),
    society=_("Society and politics"),
    arts=_("Books, music, film and art"),
    sport=_("Sport and outdoors"),
    travel=_("Travel and languages"),
    family=_("Family and work together"),
    volunteering=_("Volunteering"),
    food=_("Food and cooking"),
)

EXPERIENCE = choices(
    none=_("This is my first time"),
    mentee=_("I have been mentored"),
    mentor=_("I have mentored somebody"),
    both=_("Both"),
)

MEETING_MODE = choices(
    online=_("Online"),
    in_person=_("In person"),
    either=_("Either is fine"),
)

GOALS, YOU, TOGETHER = _("Learning goals"), _("About you"), _("Working together")


def _question(key: str, type: T, label: object, **more: object) -> QuestionTemplate:
    return QuestionTemplate(key, type, label, **more)  # type: ignore[arg-type]


def _common(hope: object, hope_help: object) -> tuple[QuestionTemplate, ...]:
    """The questions that both sides answer in the same words."""
    return (
        _question(
            "interests",
            T.SEVERAL_CHOICES,
            _("Which topics do you like to talk about?"),
            help=_("Something in common makes the first meeting easier. Choose up to six."),
            section=YOU,
            settings={"max_choices": 6},
            choices=INTERESTS,
        ),
        _question(
            "hope",
            T.LONG_TEXT,
            hope,
            help=hope_help,
            required=True,
            section=GOALS,
            settings={"max_length": 1500},
        ),
        _question(
            "style",
            T.SCALE,
            _("How do you like to work on something new?"),
            section=TOGETHER,
            settings={
                "min": 1,
                "max": 5,
                "low": _("Try it out and see"),
                "high": _("Plan it step by step"),
            },
        ),
        _question(
            "meeting_mode",
            T.SINGLE_CHOICE,
            _("How would you like to meet?"),
            section=TOGETHER,
            choices=MEETING_MODE,
        ),
        _question(
            "experience",
            T.SINGLE_CHOICE,
            _("Have you taken part in mentoring before?"),
            section=YOU,
            choices=EXPERIENCE,
        ),
        _question(
            "years_of_experience",
            T.NUMBER,
            _("How many years have you worked, here and elsewhere?"),
            section=YOU,
            settings={"min": 0, "max": 60},
        ),
        _question(
            "introduction",
            T.SHORT_TEXT,
            _("Introduce yourself in one sentence"),
            help=_("Your partner reads this first."),
            section=YOU,
            settings={"max_length": 200},
        ),
    )


def _ordered(*questions: QuestionTemplate) -> tuple[QuestionTemplate, ...]:
    """Questions grouped by section, goals first, each group in the order written."""
    sections = [GOALS, YOU, TOGETHER]
    return tuple(sorted(questions, key=lambda question: sections.index(question.section)))  # type: ignore[arg-type]


TEMPLATE = ProgramTemplate(
    key="goals_and_interests",
    name=_("Goals and interests"),
    summary=_(
        "Two mirrored questionnaires: mentors say what they can show, leaders what they would like to learn. "
        "A good start for a first program."
    ),
    purpose=_(
        "Leaders learn from colleagues who are closer to what is new: technology, customers, the way people "
        "want to work. Mentors are heard by those who decide, and get to know how decisions are made."
    ),
    mentor_title=_("What you can show, and what you hope for"),
    mentee_title=_("What you would like to learn, and what you hope for"),
    mentor_introduction=_(
        "Your answers are used to find a leader who wants to learn what you can show. It takes about five "
        "minutes; you can stop and go on later."
    ),
    mentee_introduction=_(
        "Your answers are used to find a mentor who can show what you want to learn. It takes about five "
        "minutes; you can stop and go on later."
    ),
    mentor_questions=_ordered(
        _question(
            "skills",
            T.SEVERAL_CHOICES,
            _("What can you show somebody?"),
            help=_("You need not be an expert: knowing it better than most leaders is enough."),
            required=True,
            section=GOALS,
            choices=SKILLS,
        ),
        _question(
            "show_in_practice",
            T.LONG_TEXT,
            _("What would you show in the first meeting?"),
            help=_("An example from your own work is best."),
            section=GOALS,
            settings={"max_length": 1000},
        ),
        _question(
            "insights",
            T.SEVERAL_CHOICES,
            _("What would you like to learn from a leader?"),
            help=_("You teach, and you get something back. Choose up to five."),
            section=GOALS,
            settings={"max_choices": 5},
            choices=INSIGHTS,
        ),
        *_common(
            _("What do you hope to get out of it yourself?"),
            _("For instance: how decisions are made, advice on your career, being heard on a topic."),
        ),
    ),
    mentee_questions=_ordered(
        _question(
            "skills",
            T.SEVERAL_CHOICES,
            _("What would you like to learn?"),
            help=_("Choose up to five: fewer and clearer goals lead to a better match."),
            required=True,
            section=GOALS,
            settings={"max_choices": 5},
            choices=SKILLS,
        ),
        _question(
            "learning_question",
            T.LONG_TEXT,
            _("What would you ask your mentor first?"),
            help=_("The more specific, the better. Your mentor sees this before the first meeting."),
            section=GOALS,
            settings={"max_length": 1000},
        ),
        _question(
            "insights",
            T.SEVERAL_CHOICES,
            _("What can you share from your own experience?"),
            help=_("Your mentor gives time to you, and should get something back."),
            section=GOALS,
            choices=INSIGHTS,
        ),
        *_common(
            _("What should be different for you when it is over?"),
            _("For instance: a habit you want to change, a decision you want to understand better."),
        ),
    ),
    criteria=(
        CriterionTemplate(
            "learning_goals",
            _("Mentor can show what the mentee wants to learn"),
            "covers",
            "question:skills",
            "question:skills",
            5,
        ),
        CriterionTemplate(
            "insights",
            _("Mentee can share what the mentor wants to learn"),
            "returns",
            "question:insights",
            "question:insights",
            1,
        ),
        CriterionTemplate(
            "interests", _("Topics in common"), "overlap", "question:interests", "question:interests", 1
        ),
        CriterionTemplate("unit", _("From different units"), "different", "person:unit", "person:unit", 1),
        CriterionTemplate(
            "location", _("From different places"), "different", "person:location", "person:location", 1
        ),
        CriterionTemplate(
            "region", _("From different regions"), "different", "person:region", "person:region", 1
        ),
        CriterionTemplate(
            "hours", _("Working hours in common"), "hours", "person:time_zone", "person:time_zone", 1
        ),
        CriterionTemplate(
            "style", _("Similar ways of working"), "close", "question:style", "question:style", 1
        ),
    ),
    topics=(
        _("A tool you use every day, shown on a real task"),
        _("What a customer of my age notices about us"),
        _("A decision that looks different from where I sit"),
        _("How people early in their career choose where to stay"),
        _("Something we do because we always did it"),
    ),
)
