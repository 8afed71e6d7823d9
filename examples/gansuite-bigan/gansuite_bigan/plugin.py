"""What gansuite lists; it is read without being run, so all arguments are literals."""

from gansuite.plugin import Plugin

bigan = Plugin(
    name="bigan",
    summary="Pictures from latents, and latents from pictures (Donahue et al. 2017, Dumoulin et al. 2017)",
    api=1,
    config="gansuite_bigan.config:Settings",
    domain="gansuite_bigan.domain:BiGAN",
    reads=("pictures",),
    flags={"latent": "latent", "cycle": "cycle"},
    presets={
        "small": {"width": 8, "latent": 8},
        # Li et al. 2017, arXiv:1709.01215: without a say in it, an encoder need not undo a generator.
        "alice": {"cycle": 1.0},
    },
)
