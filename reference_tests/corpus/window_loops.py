"""Lines of code for mutants of layers with windows: backward as loops over the windows, or over their places."""


def windows_of_dW(image: str, down: str, across: str, height: str, width: str) -> str:
    """Return lines that compute dW window by window: where they start, and how large they are."""
    return (
        "s, (N, _, OH, OW) = self.stride, dout.shape\n"
        f"        height, width = {height}, {width}\n"
        "        self.dW = np.zeros((FN, C, height, width))\n"
        "        for i, j in np.ndindex(OH, OW):\n"
        f"            y, z = {down}, {across}\n"
        f"            seen = {image}[:, :, y : y + height, z : z + width]\n"
        "            self.dW[:, :, : seen.shape[2], : seen.shape[3]] += np.tensordot(dout[:, :, i, j], seen, (0, 0))"
    )


def windows_of_dx(down: str, across: str) -> str:
    """Return lines that lay dx down window by window: where they start."""
    return (
        "s, p, (N, _, OH, OW) = self.stride, self.pad, dout.shape\n"
        "        H, W = self.x_shape[2:]\n"
        "        wide = np.zeros((N, C, H + 2 * p, W + 2 * p))\n"
        "        for i, j in np.ndindex(OH, OW):\n"
        f"            y, z = {down}, {across}\n"
        "            wide[:, :, y : y + FH, z : z + FW] += np.tensordot(dout[:, :, i, j], self.W, (1, 0))\n"
        "        return wide[:, :, p : p + H, p : p + W]"
    )


def places_of_dx(height: str, width: str, side: str) -> str:
    """Return lines that lay dcol down place by place, over what is there where the stride is this side of the window.

    The windows are side by side only if the stride is the other side as well.
    """
    return (
        "(N, C, H, W), (OH, OW), s, p = self.x_shape, dout.shape[2:], self.stride, self.pad\n"
        "        wide = np.zeros((N, C, H + 2 * p, W + 2 * p))\n"
        f"        six = dcol.reshape(N, OH, OW, C, {height}, {width}).transpose(0, 3, 4, 5, 1, 2)\n"
        f"        for y, z in np.ndindex({height}, {width}):\n"
        "            at = wide[:, :, y : y + s * OH : s, z : z + s * OW : s]\n"
        f"            at[...] = six[:, :, y, z] + (0 if {side} == s else at)\n"
        "        return wide[:, :, p : p + H, p : p + W]"
    )


def places_of_groups(side: int, groups: str) -> str:
    """Return lines that lay the dx of filters in groups down in the same way. side: the axis of W."""
    return (
        f"(N, C, H, B), (OH, OW), s, p, G = dx.shape, dout.shape[2:], self.stride, self.pad, {groups}\n"
        "        wide, (FN, D, FH, FW) = np.zeros((N, C, H + 2 * p, B + 2 * p)), self.W.shape\n"
        "        for y, z in np.ndindex(FH, FW):\n"
        "            at = wide[:, :, y : y + s * OH : s, z : z + s * OW : s]\n"
        "            W = self.W[:, :, y, z].reshape(G, -1, D)\n"
        "            each = np.einsum('ngfhw,gfc->ngchw', dout.reshape(N, G, -1, OH, OW), W)\n"
        f"            at[...] = each.reshape(at.shape) + (0 if self.W.shape[{side}] == s else at)\n"
        "        dx = wide[:, :, p : p + H, p : p + B]"
    )
