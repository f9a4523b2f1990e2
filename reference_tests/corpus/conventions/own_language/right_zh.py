# -*- coding: utf-8 -*-
import numpy as np


class 卷积层:
    def __init__(self, 输入通道, 输出通道, 卷积核大小, 步长=1, 填充=0):
        self.权重 = np.random.randn(输出通道, 输入通道, 卷积核大小, 卷积核大小) * 0.1
        self.偏置 = np.zeros(输出通道)
        self.k, self.s, self.p = 卷积核大小, 步长, 填充

    def 前向传播(self, x):
        p, s, k = self.p, self.s, self.k
        self.x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        self.v = np.lib.stride_tricks.sliding_window_view(self.x, (k, k), axis=(2, 3))[:, :, ::s, ::s]
        return np.einsum('nchwij,ocij->nohw', self.v, self.权重) + self.偏置[:, None, None]

    def 反向传播(self, 梯度):
        p, s, k = self.p, self.s, self.k
        self.权重梯度 = np.einsum('nchwij,nohw->ocij', self.v, 梯度)
        self.偏置梯度 = 梯度.sum((0, 2, 3))
        d = np.zeros(self.x.shape)
        for i in range(梯度.shape[2]):
            for j in range(梯度.shape[3]):
                d[:, :, i*s:i*s+k, j*s:j*s+k] += np.tensordot(梯度[:, :, i, j], self.权重, 1)
        return d[:, :, p:d.shape[2]-p, p:d.shape[3]-p]


class 全连接层:
    def __init__(self, 输入维度, 输出维度):
        self.权重 = np.random.randn(输入维度, 输出维度) * 0.1
        self.偏置 = np.zeros(输出维度)

    def 前向传播(self, x):
        self.x = x
        return x @ self.权重 + self.偏置

    def 反向传播(self, 梯度):
        self.权重梯度 = self.x.T @ 梯度
        self.偏置梯度 = 梯度.sum(0)
        return 梯度 @ self.权重.T
