"""Answers that people of a company could give to the template “Goals and interests”."""

from random import Random

from programs.enums import PairRole
from programs.questions import QuestionnaireDefinition, Value

SHOW = [
    "How I write a first draft with an AI tool and check it before anybody sees it.",
    "Our team board, on a real week: what we decided without a meeting.",
    "How I read the dashboard of my site, and where it misleads.",
    "Three accounts our customers of my age follow, and why.",
    "What a good remote day looks like, hour by hour.",
]
ASK = [
    "Which of our habits would you drop first if you were me?",
    "When did you last think of leaving, and what kept you?",
    "What do customers of your age see in us that I do not?",
    "How would you explain our strategy to a friend in one sentence?",
    "Which tool do you use every day that I have never opened?",
]
MENTOR_HOPE = [
    "See how decisions are really made.",
    "Be heard on how we bring in new people.",
    "Advice on the next step of my career.",
    "Learn to explain technical things to people who decide.",
]
MENTEE_HOPE = [
    "Use these tools myself instead of asking for slides about them.",
    "Understand what the youngest third of us expects from work.",
    "Ask better questions in our reviews.",
    "Decide with data that I can read myself.",
]
INTRODUCTIONS = {
    PairRole.MENTOR: [
        "I joined {years} years ago and still ask why things are done this way.",
        "Cyclist, coffee drinker, and the person who automates the boring part.",
        "I can be honest about what the office is like for new joiners.",
        "I built our first prompt library and would love to show it on real files.",
        "Ask me anything about how our youngest customers choose.",
    ],
    PairRole.MENTEE: [
        "{years} years here, and never once on the other side of a help desk call.",
        "I run a large unit and would like to hear what is not in the reports.",
        "Curious, slow with new tools, fast with decisions.",
        "I read a lot about this. Now I would like to be shown.",
        "Father of two teenagers who laugh at my phone.",
    ],
}


def make_answers(
    definition: QuestionnaireDefinition, role: PairRole, years: int, random: Random
) -> dict[str, Value]:
    skills = [choice.key for choice in definition.by_key["skills"].choices]
    interests = [choice.key for choice in definition.by_key["interests"].choices]
    # Some skills are common and some are rare, as in any company: the first ones are chosen more often.
    weights = [1 / (1 + index / 4) for index in range(len(skills))]
    mentor = role == PairRole.MENTOR
    wanted = set(random.choices(skills, weights, k=7 if mentor else 4))
    answers: dict[str, Value] = {
        "skills": tuple(key for key in skills if key in wanted),
        "interests": tuple(random.sample(interests, random.randint(2, 5))),
        "hope": random.choice(MENTOR_HOPE if mentor else MENTEE_HOPE),
        "style": random.randint(1, 5),
        "meeting_mode": random.choice(["online", "in_person", "either", "either"]),
        "experience": random.choice(["none", "none", "mentee", "mentor", "both"]),
        "years_of_experience": years,
        "introduction": random.choice(INTRODUCTIONS[role]).format(years=max(years, 2)),
    }
    if "insights" in definition.by_key:
        insights = [choice.key for choice in definition.by_key["insights"].choices]
        asked = set(random.sample(insights, random.randint(2, 4) if mentor else random.randint(3, 6)))
        answers["insights"] = tuple(key for key in insights if key in asked)
    if mentor:
        answers["show_in_practice"] = random.choice(SHOW)
    else:
        answers["learning_question"] = random.choice(ASK)
    return {key: value for key, value in answers.items() if key in definition.by_key}
