# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Make ``ocrd_rapid/training/rehearsal.npz``: features of roman lines that no head shall forget.

Usage: ``python training/rehearsal.py BACKBONE.onnx OUTPUT.npz FONT.ttf...``

The texts below are the project's own. Each line is set in another font, at another size, with
another tint of paper and ink and other blur: all drawn from one seed, so that the same fonts and
the same releases of Pillow and the engine give the same file. The file that is in the package was
made with Linux Libertine (R, RB, RI, RZ), Linux Biolinum (R; both OFL) and DejaVu Serif, in this
order. A font without letters is noticed: the network must be able to read what is set in it.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocrd_rapid.ocr.recognition.line_model import BASE
from ocrd_rapid.pixels import BgrImage
from ocrd_rapid.training.alphabet import characters_for, extend, normalize
from ocrd_rapid.training.ctc import error_rate
from ocrd_rapid.training.features import FeatureExtractor
from ocrd_rapid.training.rehearsal import save
from ocrd_rapid.training.samples import Sample, TrainingLine
from ocrd_rapid.training.session import prepare

SEED = 1
COUNT = 120
#: Characters of a line: many short lines say more than few long ones.
LENGTH = (18, 34)
#: As many characters may be read wrong.
WRONG = 0.05

TEXTS = """
Der Katalog der Bibliothek verzeichnet alle Bände, die vor dem Jahr 1850 gedruckt wurden.
Über die Größe der Auflage schweigen die Quellen; nur Nr. 17 nennt 500 Exemplare (S. 243).
Die Schüler übten täglich zwölf Stücke, ohne daß jemand müde geworden wäre.
Zwei Häuser weiter stand ein Brunnen aus weißem Marmor, dessen Wasser nie versiegte.
Während der Überfahrt las Quirin das Buch zum vierten Mal und verstand es noch immer nicht.
Auf Seite 96 fehlt eine Zeile; der Setzer hat sie wohl übersprungen, meint X. Yorck.
The library keeps its newspapers in boxes, one for every quarter of the year 1876.
He wrote to the editor: "Your last issue, No. 35, was quite unreadable & far too dark."
Every visitor who walked through the hall stopped before the great clock at 7.45 p.m.
Mr. Judge & Sons, of 18 Queen's Square, sold paper, vellum and ink for £ 3 10s. a year.
What was printed here in 1492 would fill six shelves; what was lost, twice as many.
Les feuilles de l'ancien journal étaient reliées par année, à côté des œuvres complètes.
Où êtes-vous allé cet été ? demanda le vieil imprimeur en rangeant ses caractères.
Ça ne fait rien, répondit-elle ; le maître d'école a déjà reçu sa lettre du 29 août.
La première édition, tirée à 300 exemplaires, a disparu dès l'hiver 1789.
El año pasado compró el señor Núñez treinta libros pequeños en la calle de la Unión.
¿Quién sabe cuándo llegará el próximo correo? Así preguntó la niña, y nadie respondió.
La biblioteca del convento conserva también manuscritos del siglo XVI, según el índice.
Nella città più antica della regione c'è una tipografia che lavora già dal 1570.
Perché non è venuto? Così chiese il libraio, e lasciò la bottega aperta fino a sera.
Liber primus de rebus gestis, in quo auctor vitam et mores civium exponit.
Quod si quis librum hunc legere velit, caveat ne paginas XIV et XV omittat.
In anno MDCCLXXVI typis mandavit Johannes filius, cum privilegio, cap. III. § 12.
Het boek werd in Leiden gedrukt en later in zes delen door heel Europa verkocht.
Volgens de schrijver zijn er geen andere exemplaren bekend dan dat van 1683.
Byen havde på den tid kun én bogtrykker, og han døde før året var omme, i 1807.
På sjön låg ett skepp för ankar; där förvarades böckerna i väntan på vår.
Książki drukowane w tym mieście są dziś rzadkością, choć było ich wówczas wiele.
Tiskárna stála na rohu náměstí a její majitel žil v přízemí až do roku 1848.
A könyv első kiadása ötven példányban jelent meg, és már őszre elfogyott.
Vgl. a. a. O., Bd. 2, S. 58–61; ferner: Archiv [N. F.] 4 (1863), S. 270 ff. *) Fußnote.
Summe: 1 234,50 M. + 67 % = 2 061,62 M.; Rest 89/100, Zins 4½ %, Datum 30. 9. 1871.
""".strip().splitlines()


def texts(chance: random.Random) -> Iterator[str]:
    """Yield pieces of the texts, whole words each, of every text about as many."""
    while True:
        for text in chance.sample(TEXTS, len(TEXTS)):
            words = text.split()
            begin = chance.randrange(len(words))
            wanted = chance.randint(*LENGTH)
            line = ""
            for word in words[begin:] + words[:begin]:
                if len(line) + len(word) >= wanted:
                    break
                line = f"{line} {word}" if line else word
            if line:
                yield normalize(line)


def render(text: str, font: Path, chance: random.Random) -> BgrImage:
    """Return a line of text, tightly framed, on paper that is not quite white."""
    size = chance.randint(26, 54)
    face = ImageFont.truetype(str(font), size)
    left, top, right, bottom = face.getbbox(text)
    margin = chance.randint(1, 7)
    paper, ink = chance.randint(190, 255), chance.randint(0, 90)
    image = Image.new("L", (int(right - left) + 2 * margin, int(bottom - top) + 2 * margin), paper)
    ImageDraw.Draw(image).text((margin - left, margin - top), text, font=face, fill=ink)
    pixels = np.asarray(image)
    blur = chance.choice([0.0, 0.5, 0.8, 1.2])
    if blur:
        pixels = cv2.GaussianBlur(pixels, (0, 0), blur)
    noise = np.random.default_rng(chance.randrange(1 << 30)).normal(0, 6, pixels.shape)
    noisy = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(noisy[:, :, None], 3, axis=2))


def samples(fonts: list[Path]) -> Iterator[Sample]:
    """Yield lines, the fonts one after the other."""
    chance = random.Random(SEED)
    lines = texts(chance)
    for number in range(COUNT):
        text = next(lines)
        font = fonts[number % len(fonts)]
        yield Sample(render(text, font, chance), text, font.stem, f"line {number}")


def check(lines: list[TrainingLine], backbone: Path) -> None:
    """Stop if the network reads the lines of a font badly."""
    base = prepare(str(backbone), BASE, 1).base
    head = extend(base, characters_for([line.text for line in lines], base))
    for font in sorted({line.document for line in lines}):
        error = error_rate([line for line in lines if line.document == font], head)
        sys.stdout.write(f"{font}: {error:.2%} of the characters are misread\n")
        if error > WRONG:
            raise SystemExit(f"{font} cannot be used: the network misreads it")


def main() -> None:
    """Render, compute features, write."""
    backbone, output, *fonts = (Path(argument) for argument in sys.argv[1:])
    found = list(samples(fonts))
    extractor = FeatureExtractor(backbone)
    features = extractor.extract([sample.image for sample in found])
    lines = [TrainingLine(f, s.text, s.document) for f, s in zip(features, found, strict=True)]
    check(lines, backbone)
    save(lines, extractor.backbone, output)
    sys.stdout.write(f"{len(lines)} lines, {output.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
