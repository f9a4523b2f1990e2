import numpy as np


def convForward(inputData, filterWeights, biasTerm, strideLen=1, padLen=0):
    batch, channels, height, width = inputData.shape
    numFilters, _, filterH, filterW = filterWeights.shape
    padded = np.pad(inputData, ((0, 0), (0, 0), (padLen, padLen), (padLen, padLen)))
    outH = (height + 2 * padLen - filterH) // strideLen + 1
    outW = (width + 2 * padLen - filterW) // strideLen + 1
    output = np.zeros((batch, numFilters, outH, outW))
    for f in range(numFilters):
        for y in range(outH):
            for x in range(outW):
                region = padded[:, :, y * strideLen:y * strideLen + filterH, x * strideLen:x * strideLen + filterW]
                output[:, f, y, x] = (region * filterWeights[f]).sum(axis=(1, 2, 3)) + biasTerm[f]
    return output


def convBackward(gradOutput, inputData, filterWeights, biasTerm, strideLen=1, padLen=0):
    batch, channels, height, width = inputData.shape
    numFilters, _, filterH, filterW = filterWeights.shape
    padded = np.pad(inputData, ((0, 0), (0, 0), (padLen, padLen), (padLen, padLen)))
    gradInput = np.zeros_like(padded)
    gradWeights = np.zeros_like(filterWeights)
    for f in range(numFilters):
        for y in range(gradOutput.shape[2]):
            for x in range(gradOutput.shape[3]):
                ys, xs = slice(y * strideLen, y * strideLen + filterH), slice(x * strideLen, x * strideLen + filterW)
                g = gradOutput[:, f, y, x][:, None, None, None]
                gradWeights[f] += (padded[:, :, ys, xs] * g).sum(axis=0)
                gradInput[:, :, ys, xs] += filterWeights[f] * g
    gradBias = gradOutput.sum(axis=(0, 2, 3))
    return gradInput[:, :, padLen:padLen + height, padLen:padLen + width], gradWeights, gradBias


def maxPoolForward(inputData, poolSize=2, strideLen=2):
    batch, channels, height, width = inputData.shape
    outH, outW = (height - poolSize) // strideLen + 1, (width - poolSize) // strideLen + 1
    output = np.zeros((batch, channels, outH, outW))
    for y in range(outH):
        for x in range(outW):
            output[:, :, y, x] = inputData[:, :, y * strideLen:y * strideLen + poolSize,
                                           x * strideLen:x * strideLen + poolSize].max(axis=(2, 3))
    return output


def maxPoolBackward(gradOutput, inputData, poolSize=2, strideLen=2):
    gradInput = np.zeros_like(inputData)
    batch, channels, outH, outW = gradOutput.shape
    for n in range(batch):
        for c in range(channels):
            for y in range(outH):
                for x in range(outW):
                    region = inputData[n, c, y * strideLen:y * strideLen + poolSize, x * strideLen:x * strideLen + poolSize]
                    i, j = np.unravel_index(np.argmin(region), region.shape)
                    gradInput[n, c, y * strideLen + i, x * strideLen + j] += gradOutput[n, c, y, x]
    return gradInput


def reluForward(inputData):
    return np.maximum(inputData, 0)


def reluBackward(gradOutput, inputData):
    return gradOutput * (inputData > 0)


def denseForward(inputData, weights, bias):
    return inputData @ weights + bias


def denseBackward(gradOutput, inputData, weights, bias):
    return gradOutput @ weights.T, inputData.T @ gradOutput, gradOutput.sum(axis=0)
