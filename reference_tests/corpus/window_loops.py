"""Lines of code for mutants of a convolution: backward as loops over the windows."""


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
