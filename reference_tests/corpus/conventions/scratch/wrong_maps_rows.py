import numpy
def conv_(img, conv_filter):
    filter_size = conv_filter.shape[0]
    result = numpy.zeros((img.shape[0] - filter_size + 1, img.shape[1] - filter_size + 1))
    for r in range(result.shape[0]):
        for c in range(result.shape[1]):
            curr_region = img[r:r + filter_size, c:c + filter_size]
            result[r, c] = numpy.sum(curr_region * conv_filter[::-1])
    return result
def conv(img, conv_filter):
    if conv_filter.shape[1] != conv_filter.shape[2]:
        raise ValueError('square')
    feature_maps = numpy.zeros((img.shape[0] - conv_filter.shape[1] + 1, img.shape[1] - conv_filter.shape[1] + 1, conv_filter.shape[0]))
    for filter_num in range(conv_filter.shape[0]):
        curr_filter = conv_filter[filter_num, :]
        if len(curr_filter.shape) > 2:
            conv_map = conv_(img[:, :, 0], curr_filter[:, :, 0])
            for ch_num in range(1, curr_filter.shape[-1]):
                conv_map = conv_map + conv_(img[:, :, ch_num], curr_filter[:, :, ch_num])
        else:
            conv_map = conv_(img, curr_filter)
        feature_maps[:, :, filter_num] = conv_map
    return feature_maps
def pooling(feature_map, size=2, stride=2):
    pool_out = numpy.zeros(((feature_map.shape[0] - size) // stride + 1, (feature_map.shape[1] - size) // stride + 1, feature_map.shape[-1]))
    for map_num in range(feature_map.shape[-1]):
        for r2, r in enumerate(range(0, feature_map.shape[0] - size + 1, stride)):
            for c2, c in enumerate(range(0, feature_map.shape[1] - size + 1, stride)):
                pool_out[r2, c2, map_num] = numpy.max(feature_map[r:r + size, c:c + size, map_num])
    return pool_out
def relu(feature_map):
    relu_out = numpy.zeros(feature_map.shape)
    for map_num in range(feature_map.shape[-1]):
        for r in range(feature_map.shape[0]):
            for c in range(feature_map.shape[1]):
                relu_out[r, c, map_num] = numpy.max([feature_map[r, c, map_num], 0])
    return relu_out
