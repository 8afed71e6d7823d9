"""What gansuite installs: the core, the plugins of this repository and the data set cards."""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(
    r'^__version__ = "(.+)"$', (HERE / "gansuite/__init__.py").read_text("utf-8"), re.MULTILINE
)
assert VERSION is not None, "gansuite/__init__.py names no __version__"

CORE = find_packages(include=["gansuite", "gansuite.*"])
PLUGINS = find_packages("plugins", include=["gansuite_*"])
# The cards live in datasets/, which must not become a top-level package: a well-known library has that name.
CARDS = "gansuite._cards"

REQUIRED = [
    "tensorflow>=2.21,<2.22",
    "keras>=3.15,<4",
    "protobuf>=6.31.1,<8",
    "tensorboard>=2.20,<2.22",  # tf.summary writes scalars and pictures through it
    "numpy>=2.1,<3",
    "pillow>=11,<14",
    "click>=8.1.8,<9",
    "tomlkit>=0.13,<1",
    "filelock>=3.16,<5",
    "packaging>=24.2,<27",
    "platformdirs>=4.3,<5",
    "tqdm>=4.66,<5",
    "symusic>=0.6,<0.7",
    "music21>=9.7.1,<11",
    "pretty_midi>=0.2.11,<0.3",
    "scikit-learn>=1.6,<2",
]
DOCS = ["sphinx>=8.1,<10", "myst-parser>=4,<6", "furo>=2024.8.6"]
SERVING = ["tensorflow-serving-api>=2.21,<2.22", "grpcio>=1.66.2,<2"]
TEST = [
    *SERVING,
    *DOCS,  # a test builds the documentation
    "setuptools>=77.0.3",
    "pytest>=8.3,<10",
    "pytest-xdist>=3.8,<4",
    "hypothesis>=6.120,<7",
    "pypianoroll>=1.0.4,<2",
    "mido>=1.3.3,<2",
    "scikit-image>=0.25,<0.27",
    "build>=1.2,<2",
]
CHECK = ["ruff>=0.9,<1", "mypy>=1.15,<3", "types-tqdm>=4.66", "pre-commit>=4,<5"]

setup(
    name="gansuite",
    version=VERSION[1],
    description="Generative adversarial networks as plugins on one Keras core",
    long_description=(HERE / "README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    author="gansuite authors",
    license="MIT",
    license_files=["LICENSE"],
    python_requires=">=3.11,<3.14",
    packages=[*CORE, *PLUGINS, CARDS],
    package_dir={
        **{package: f"plugins/{package}" for package in PLUGINS if "." not in package},
        CARDS: "datasets",
    },
    package_data={
        "": ["py.typed", "*.css"],
        "gansuite.scaffold": ["templates/*.tmpl"],
        CARDS: ["*.toml"],
    },
    install_requires=REQUIRED,
    extras_require={
        "gpu": ["tensorflow[and-cuda]>=2.21,<2.22; sys_platform == 'linux'"],
        "sound": ["pyfluidsynth>=1.3,<2"],
        "audio": ["librosa>=0.11,<0.12"],
        "serving": SERVING,
        "bench": ["torch>=2.6,<3"],
        "docs": DOCS,
        "test": TEST,
        "dev": [*TEST, *CHECK],
    },
    entry_points={
        "console_scripts": ["gansuite = gansuite.cli:main"],
        "gansuite.plugins": [
            "musegan = gansuite_music.plugin:musegan",
            "gan = gansuite_image.plugin:gan",
            "cgan = gansuite_image.plugin:cgan",
            "dcgan = gansuite_image.plugin:dcgan",
            "wgan = gansuite_image.plugin:wgan",
            "wgan-gp = gansuite_image.plugin:wgan_gp",
            "sngan = gansuite_image.plugin:sngan",
            "pix2pix = gansuite_translation.plugin:pix2pix",
            "cyclegan = gansuite_translation.plugin:cyclegan",
            "srgan = gansuite_superres.plugin:srgan",
            "anogan = gansuite_anomaly.plugin:anogan",
            "f-anogan = gansuite_anomaly.plugin:f_anogan",
        ],
        "gansuite.commands": [
            "detect = gansuite_anomaly.command:detect",
            "translate = gansuite_translation.translate:translate",
            "upscale = gansuite_superres.command:upscale",
        ],
    },
    classifiers=[
        "Environment :: Console",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
)
