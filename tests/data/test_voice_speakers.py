"""Who is meant by the words beside a quotation or report: one table of short articles for each family of rules."""

from __future__ import annotations

import pytest

from spinscope.data.sentences import split_sentences
from spinscope.data.voice import voices_of

SUBJECTS = [
    ("An ecologist who advises the diocese told members that the bats could stay.", ["An ecologist"]),
    ("A plumber who services the boilers said that nobody had rung him.", ["A plumber"]),
    ('"It was always wrong," said one of them.', ["one of them"]),
    ('Minister of Education Henrike Dahl rose. "A hungry child learns nothing," she said.', ["Henrike Dahl"]),
    ('Secretary of State Tomas Lind rose. "We shall see to it," he said.', ["Tomas Lind"]),
    ('The critic in question, Araminta Shaw, is delighted. "It is a good likeness," she said.', ["Araminta Shaw"]),
    ('The officer who came, PC Dhillon, was kind. "Leave a light on," she told us.', ["PC Dhillon"]),
    ('It was Araminta Shaw who in March described his turbot as "a wet afternoon with capers".', ["Araminta Shaw"] * 2),
    ('My sister-in-law works in planning and says that it is 84 beds.', ["My sister-in-law"]),
    ('The council plans two more lifeguards, and asks families to book before ten.', ["The council"]),
    ('"Taken from the bed," typed Keith Orme.', ["Keith Orme"]),
    ('"I have been on strike twice," said a man the others call Big Alan.', ["Big Alan"]),
]
TAKEN_UP = [
    ('Shares in Orbital Silicon fell on Friday. "Demand has paused," the company said.', ["Orbital Silicon"]),
    ("On Friday the broadcaster Kanal Sechs closed its last studio. The company argues that its viewers are old.", ["Kanal Sechs"]),
    ("Fire broke out at the Nadim Petrol refinery. The company said that the valve was new.", ["Nadim Petrol"]),
    ("A tank burnt at Blue Crest. The company is large. Ann Lee, 46, saw it. The firm denied that anyone was hurt.", ["Blue Crest"]),
    ("The company has 300 workers in Holm. Ann Lee runs it. The company said that it was sorry.", ["The company"]),
    ('The Bishop of Marl, Crispin Vale, smiled. Mrs Tibbs did not. "Let us pray," the bishop said.', ["Crispin Vale"]),
    ('Len Padgett, who farms below the site, was asked about it. Inspector Rory Hall nodded. "I have heard it," the farmer said.',
     ["Len Padgett"]),
    ('Amara, ten, was in charge of the money. "Cheese is the problem," she said.', ["Amara"]),
    ('Pires himself took it well. "The coach decides," the winger said.', ["Pires"]),
    ('His goalkeeper agreed. "You could hear it go quiet," said the 19-year-old.', ["His goalkeeper"]),
    ('The man behind the phrase was Lionel Crewe, once a porter. "Forty years of suitcases," he said.', ["Lionel Crewe"]),
    ('It was cold. When the officer came to count us, my grandmother opened the door. "How many of you?" he asked.', ["the officer"]),
]  # fmt: skip
IN_WIRES = [
    ("The operator of the pit, Balkan Lignite, is large. Cracks were reported. The company rejected the accusation.", ["Balkan Lignite"]),
    ("The harvest was good. The depot's owner, the state trading company Agros, was asked. It said that deliveries go on.", ["Agros"]),
    ('Aslan Tobek spoke. Among the decorated was Nurlan Sadyk, 61, from Holm. "I only drove straight," he said.', ["Nurlan Sadyk"]),
    ('President Aslan Tobek gave medals to drivers. "You have fed us," the head of state told them.', ["Aslan Tobek"]),
    ('Prime Minister Goran Vasic promised an inquiry. "There will be names," the premier said.', ["Goran Vasic"] * 2),
    ("Its author, senator Paloma Reyes-Ortiz, blames the lobby. She argues that it spent nine million.", ["Paloma Reyes-Ortiz"] * 2),
    ('A newspaper in the north went so far as to call the harvest "an invention of the state".', ["A newspaper in the north"]),
    ("Minister Halina Szot was warned. The minister rejected this.", ["Halina Szot"]),
]
TURNS = [
    ('"I counted them twice," said Ann Lee.\n\n"You counted feathers," said Tom Berg.\n\n"They were my feathers."\n\n"Then keep them."',
     ["Ann Lee", "Tom Berg", "Ann Lee", "Tom Berg"]),
    ('"I counted them twice," said Ann Lee.\n\n"They were all there."', ["Ann Lee", "Ann Lee"]),
]  # fmt: skip


RECORDS = [
    ("On bridges\n\nMr Stone: I beg to move. There are bridges.\n\nMrs Wren: Will he give way?\n\nMr Stone: I will.\n\n"
     "Mr Daly: The bridge in my seat is shut.", ["Stone", "Stone", "Wren", "Stone", "Daly"]),
    ("On bridges\n\nHOST: Welcome. With me is Dr Ayla Brandt.\n\nBRANDT: Good to be here.\n\nHOST: Is it loud?\n\nBRANDT: It is.\n\n"
     "HOST: Thank you.", ["Ayla Brandt", "Ayla Brandt"]),
    ("The facts\n\nClaim: It rains.\n\nVerdict: It does.\n\nClaim: It snows.\n\nVerdict: It does not, or why ask?", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "speakers"), [*SUBJECTS, *RECORDS, *TAKEN_UP, *IN_WIRES, *TURNS])
def test_speaker(text: str, speakers: list[str]) -> None:
    heard = [voice.speaker for voices in voices_of(text, split_sentences(text)) for voice in voices]
    assert heard == speakers
