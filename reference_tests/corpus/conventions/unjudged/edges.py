import numpy as np

SOBEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])


class EdgeConv:
    """A filter that is built in: nothing can be given and nothing is learned."""

    def forward(self, image):
        gx = self._slide(image, SOBEL)
        gy = self._slide(image, SOBEL.T)
        return np.hypot(gx, gy)

    def _slide(self, image, kernel):
        h, w = image.shape
        out = np.zeros((h - 2, w - 2))
        for i in range(h - 2):
            for j in range(w - 2):
                out[i, j] = (image[i:i + 3, j:j + 3] * kernel).sum()
        return out
