"""The words of libraries with channels last: how each writes an operation of {x}; other names are arguments."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Library:
    """A library's words. conv, pools: templates. elementwise: {kind: template}. words: functions used in between."""

    name: str
    header: str
    asarray: str
    conv: str
    max_pool: str
    sum_pool: str
    transposed: str
    lrn: str
    pad: str
    move: str
    words: dict[str, str]
    elementwise: dict[str, str]


COMMON = {
    "hardsigmoid": "{clip}({x} / 6 + 0.5, 0.0, 1.0)",
    "hardswish": "{x} * {clip}({x} / 6 + 0.5, 0.0, 1.0)",
    "hardtanh": "{clip}({x}, {min_val}, {max_val})",
    "clamp": "{clip}({x}, {min}, {max})",
    "relu6": "{clip}({x}, 0.0, 6.0)",
    "pow": "{x} ** {exponent}",
    "neg": "-{x}",
}
JAX = Library(
    "jax",
    "import jax\nimport jax.numpy as jnp\nfrom jax import lax",
    "jnp.asarray({x})",
    "lax.conv_general_dilated({x}, {w}, {stride}, {pads}, rhs_dilation={dilation}, dimension_numbers={numbers}, "
    "feature_group_count={groups})",
    "lax.reduce_window({x}, -jnp.inf, lax.max, {windows}, {strides}, {all_pads}, window_dilation={dilations})",
    "lax.reduce_window({x}, 0.0, lax.add, {windows}, {strides}, {all_pads})",
    "lax.conv_general_dilated({x}, {w}, {ones}, {pads}, lhs_dilation={stride}, rhs_dilation={dilation}, "
    "dimension_numbers={numbers}, feature_group_count={groups})",
    "{x} / ({k} + {alpha_undivided} * lax.reduce_window({x} * {x}, 0.0, lax.add, {channel_window}, {ones_all}, "
    "{channel_pads})) ** {beta}",
    "jnp.pad({x}, {all_pads}, constant_values={value})",
    "jnp.transpose({x}, {axes})",
    {"sqrt": "jnp.sqrt", "clip": "jnp.clip", "reshape": "jnp.reshape", "mean": "jnp.mean", "max": "jnp.max",
     "where": "jnp.where", "cat": "jnp.concatenate", "einsum": "jnp.einsum", "softmax": "jax.nn.softmax",
     "log_softmax": "jax.nn.log_softmax", "keep": "keepdims", "matmul": "jnp.matmul"},
    {**COMMON, "relu": "jax.nn.relu({x})", "leaky_relu": "jax.nn.leaky_relu({x}, {negative_slope})",
     "elu": "jax.nn.elu({x}, {alpha})", "gelu": "jax.nn.gelu({x}, approximate={tanh})",
     "sigmoid": "jax.nn.sigmoid({x})",
     "tanh": "jnp.tanh({x})", "silu": "jax.nn.silu({x})", "softplus": "jax.nn.softplus({x})",
     "selu": "jax.nn.selu({x})", "mish": "jax.nn.mish({x})", "exp": "jnp.exp({x})", "log": "jnp.log({x})",
     "sqrt": "jnp.sqrt({x})", "abs": "jnp.abs({x})"},
)  # fmt: skip
BAND = "{x} / ({k} + {alpha_undivided} * {matmul}({x} * {x}, {band})) ** {beta}"
TENSORFLOW = Library(
    "tensorflow",
    "import tensorflow as tf",
    "tf.constant({x})",
    'tf.nn.convolution({padded}, {w}, {stride}, "VALID", dilations={dilation})',
    'tf.nn.pool({padded}, {window}, "MAX", {stride}, "VALID", dilations={dilation})',
    'tf.nn.pool({padded}, {window}, "AVG", {stride}, "VALID") * {places}',
    'tf.nn.conv{axes_count}d_transpose({x}, {w}, {whole}, {stride}, "VALID", dilations={dilation}){crop}',
    BAND,
    "tf.pad({x}, {all_pads}, constant_values={value})",
    "tf.transpose({x}, {axes})",
    {"sqrt": "tf.sqrt", "clip": "tf.clip_by_value", "reshape": "tf.reshape", "mean": "tf.reduce_mean",
     "max": "tf.reduce_max", "where": "tf.where", "cat": "tf.concat", "einsum": "tf.einsum",
     "softmax": "tf.nn.softmax", "log_softmax": "tf.nn.log_softmax", "keep": "keepdims", "matmul": "tf.matmul"},
    {**COMMON, "relu": "tf.nn.relu({x})", "leaky_relu": "tf.nn.leaky_relu({x}, {negative_slope})",
     "elu": "tf.nn.elu({x})", "gelu": "tf.nn.gelu({x}, approximate={tanh})", "sigmoid": "tf.sigmoid({x})",
     "tanh": "tf.tanh({x})", "silu": "tf.nn.silu({x})", "softplus": "tf.math.softplus({x})",
     "selu": "tf.nn.selu({x})", "mish": "{x} * tf.tanh(tf.math.softplus({x}))", "exp": "tf.exp({x})",
     "log": "tf.math.log({x})", "sqrt": "tf.sqrt({x})", "abs": "tf.abs({x})"},
)  # fmt: skip
KERAS = Library(
    "keras",
    "from keras import ops",
    "ops.convert_to_tensor({x})",
    'ops.conv({padded}, {w}, {stride}, "valid", data_format="channels_last", dilation_rate={dilation})',
    'ops.max_pool({padded}, {window}, {stride}, "valid", data_format="channels_last")',
    'ops.average_pool({padded}, {window}, {stride}, "valid", data_format="channels_last") * {places}',
    'ops.conv_transpose({x}, {w}, {stride}, "valid", data_format="channels_last", dilation_rate={dilation}){crop}',
    BAND,
    'ops.pad({x}, {all_pads}, "constant", {value})',
    "ops.transpose({x}, {axes})",
    {"sqrt": "ops.sqrt", "clip": "ops.clip", "reshape": "ops.reshape", "mean": "ops.mean", "max": "ops.max",
     "where": "ops.where", "cat": "ops.concatenate", "einsum": "ops.einsum", "softmax": "ops.softmax",
     "log_softmax": "ops.log_softmax", "keep": "keepdims", "matmul": "ops.matmul"},
    {**COMMON, "relu": "ops.relu({x})", "leaky_relu": "ops.leaky_relu({x}, {negative_slope})",
     "elu": "ops.elu({x}, {alpha})", "gelu": "ops.gelu({x}, approximate={tanh})", "sigmoid": "ops.sigmoid({x})",
     "tanh": "ops.tanh({x})", "silu": "ops.silu({x})", "softplus": "ops.softplus({x})", "selu": "ops.selu({x})",
     "mish": "{x} * ops.tanh(ops.softplus({x}))", "exp": "ops.exp({x})", "log": "ops.log({x})",
     "sqrt": "ops.sqrt({x})", "abs": "ops.abs({x})"},
)  # fmt: skip
LIBRARIES = {"jax": JAX, "tensorflow": TENSORFLOW, "keras": KERAS}
