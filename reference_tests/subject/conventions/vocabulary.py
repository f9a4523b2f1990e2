"""The words by which code names its layers, methods and arguments. Data only; every word is in small letters.

A name is compared without underscores, and without the digits at its end. The facts: 133 public
repositories.
"""

import re
from difflib import get_close_matches
from functools import cache
from itertools import chain

# contract name -> (what its name looks like, what it must not look like)
LAYERS: dict[str, tuple[str, str]] = {
    "im2col": (r"im(age)?s?(2|_?to_?)col|img2col|^(their)?unfold", r"indices$(?<!im2colindices)|(?<!ima)get|conv|pool"),
    "col2im": (r"col(umn)?s?(2|_?to_?)im|col2img|^(their)?fold$", r"get|conv|pool"),
    "conv_output_size": (r"out(put)?(size|shape|dim|h|w|height|width)|convsize", r"pool"),
    "TransposedConvolution": (r"transpose.*conv|conv.*transpose|deconv", ""),
    "DepthwiseConvolution": (r"depthwise", "separable"),
    "GroupedConvolution": (r"group(ed)?conv", ""),
    "PointwiseConvolution": (r"pointwise|1x1$", "pool"),
    "LocallyConnected": (r"locallyconnected|localconv", ""),
    "Convolution": (
        r"conv|faltung|tatamikomi|畳み?込み?|卷积层?$|合成積|합성곱|свертк|свёртк|svertk|kon[vw]ol|evrisim"
        r"|correlate2d|crosscorrelat|corr2d",
        r"net(work)?s?$|transpose|deconv|depthwise|separable|group|pointwise|1x1|1d|3d|block|step|singlestep|size|shape"
        r"|pool|relu|model|param|init|local|test|check|act",
    ),
    "GlobalAveragePooling": (
        r"globalav|adaptiveav|globalmean|(av(e|era)?g(e)?|mean)pool(ing)?global|^gap(2d|layer|forward|backward)?$", ""
    ),
    "GlobalMaxPooling": (r"globalmax|adaptivemax|maxpool(ing)?global|^gmp(2d|layer|forward|backward)?$", ""),
    "AveragePooling": (
        r"(av(e|era)?g(e)?|mean).*pool|pool.*(av(e|era)?g|mean)|promedio|mittelwert|heikin|pool(ing)?(medi[oa]|moyen)|mediapool"
        r"|平均プーリング|平均池化|평균풀링",
        r"global|adaptive|unpool",
    ),
    "Pooling": (
        r"pool|プーリング|池化|풀링|agrupa|puringu",
        r"(av(e|era)?g|mean).*pool|pool.*(av(e|era)?g|mean)|平均|평균|全局|global|adaptive|unpool|thread|process|sql|spatialpyramid|spp"
        r"|size|(?<!re)shape|1d|3d|conv",
    ),
    "Relu": (
        r"relu|rectif|^reru|正規化線形|렐루|修正线性",
        r"leaky|elu$(?<!relu)|prelu|gelu|selu|crelu|conv|affine|dense|fc|linear|pool|6",
    ),
    "Sigmoid": (r"sigmoid|logistic|シグモイド|시그모이드|сигмоид", r"loss|cross|hard|log|linear|affine|dense"),
    "Tanh": (r"tanh|hyperbolictan|tan(gente?)?hip|tangente?hyp|hyperbolischertan|双曲線正接|双曲正切|쌍곡",
        r"arctan|atanh|hard|loss|linear|affine|dense"),
    "Affine": (
        r"affine|アフィン|linear|dense|fullyconn|fullconn|^fc|fc$|^lin$|fclayer|fcforward|fcbackward|dens[oa]|totalconn|middlelayer|hiddenlayer|中間層"
        r"|vollst|vollv"
        r"|zenketsugou|zenketsugo|全結合|全连接|완전연결|완전접속|전결합|полносвяз|innerproduct",
        r"relu|conv|regress|activation|net$|model|loss|softmax|norm|bilinear|interp|size|fcn",
    ),
    "SoftmaxWithLoss": (
        r"softmax.*(loss|entropy|xent)|cross_?entropy|(loss|entropy).*softmax|^xent"
        r"|ソフトマックス.*(損失|誤差)|交差エントロピー|交叉熵|교차엔트로피|소프트맥스.*(손실|오차)"
        r"|entrop(ia|ie)cruzada|entropiecroisee|kreuzentropie",
        r"binary|sigmoid|svm|mse|check|net$",
    ),
    "InvertedDropout": (r"inverteddropout", ""),
    "Dropout": (r"dropout|ドロップアウト|随机失活|드롭아웃|드랍아웃", r"relu|inverted|conv|affine"),
    "BatchNorm": (r"batch_?norm|^bn|bn$|normaliz.*batch|バッチ正規化|批量?归一化|批量?标准化|배치정규화",
        r"relu|conv|affine|layernorm|group"),
    "LRN": (r"^lrn|localresponse|局所応答正規化", ""),
}  # fmt: skip

# direction -> the names of methods, the most common first
METHODS = {
    "forward": "forward forwardpass forwardpropagation forwardpropagate forwardprop feedforward fprop forwards"
    " getoutput updateoutput propagate pass foward fowardprop forwad fwd f apply call __call__ run compute activate"
    " predict evaluate"
    " adelante vorwaerts avant avanti avance junden junpan junhoukou jundenpan propagar"
    " propagation propagationavant propager propagacion propagacao propaga frente paraafrente haciaadelante"
    " vorwaertspropagation vorwärts ileri vpered"
    " 順伝播 順伝搬 順方向 前向传播 前向 正向传播 正向 前向计算 순전파 순방향 прямой прямойпроход вперед",
    "backward": "backward backwardpass backwardpropagation backpropagation backpropagate backprop bprop backwards back"
    " backwardpropagation backwardpropagate backwardstep computebackward"
    " gradients getgradients computegradients computegradient calculategradients calcgradients vjp pullback"
    " inputgrad getinputgrad gradinput backwardinput updategradinput gradwrtinput gradswrtinputs gradswrtinput"
    " backpropogate backword backpass bwd b backwardprop propagateback grad gradient derivative prime deriv"
    " atras rueckwaerts arriere indietro retro gyakuden gyakuhoukou gyakudenpan retropropagar"
    " retropropagation retropropager propagationarriere retropropagacion retropropagacao retropropaga tras paratras"
    " haciaatras rueckwaertspropagation rückwärts geri nazad"
    " 逆伝播 逆伝搬 逆方向 反向传播 反向 反向计算 역전파 역방향 обратный обратныйпроход назад",
}
FORWARD, BACKWARD = (words.split() for words in METHODS.values())
LOSSES = [
    "getloss",
    "calcloss",
    "loss",
    "calculate",
    "compute",
    "computeloss",
    "forwardloss",
    "cost",
]

# role of an argument -> its words
ROLES: dict[str, str] = {
    "x": "x input inputs inp image images img imgs inputdata data aprev a prev featuremap z inputvolume batch volume"
    " values value u inputtensor convin orig inputarray layerinput featuremaps inputimage xs inx entrada imagen eingabe"
    " bild nyuryoku gazou logits scores rawpreds inputactivations activations acts aprevlayer t_in entradas"
    " 入力 画像 データ 输入 输入数据 图像 특징맵 입력",
    "w": "w weight weights kernel kernels filter filters filt filts k convfilter wfilter filtros filtro omomi gewichte"
    " pesos weightmatrix convfilters wconv mask"
    " ves vesa poids filtre filtres noyau noyaux pesi nucleo"
    " 重み フィルタ フィルター カーネル 权重 卷积核 가중치",
    "b": "b bias biases beta0 bs biais sesgo bis vies baiasu schwelle バイアス 偏り 偏置 편향",
    "t": "t y label labels target targets ytrue truth onehot groundtruth yonehot ys correct answers gt ids classids",
    "dout": "dout doutput dldout ddlout dldy dy dz da grad grads gradoutput gradout grady gy outputgradient outputerror"
    " accumgrad delta deltas error errors dedy gradient gradients upstream upstreamgrad upstreamgradient dnext dprev"
    " dconvprev dpool gout dl dloss g dldz dlda dh outgrad dscores err gradin nextgrad ddout fehler gradiente"
    " kobai gradsalida gradfromnext dlayer doutprev dyout"
    " 勾配 上流勾配 梯度 上游梯度 误差 기울기 outputgrad dxnext topdiff dl_d_out",
    "lr": "lr learningrate learnrate alpha eta stepsize rate tasadeaprendizaje lernrate gakushuritsu"
    " taxa taxaaprendizado taxadeaprendizado taux tauxapprentissage tasa tasaaprendizaje"
    " 学習率 学习率 학습률",
    "stride": "stride strides strideshape s step steps stridelen stridesize paso schritt convstride poolstride"
    " str suttoraido passo pas schrittweite pasos zancada deplacement adim shag"
    " 歩幅 ストライド 刻み 步长 步幅 스트라이드 보폭 subsample subsampling",
    "pad": "pad padding p pads padsize relleno paddingsize convpad npad zeropadding padwidth zeropad rand"
    " padingu polsterung fuellung marge bordure borde borda bordas preenchimento rembourrage otstup"
    " remplissage 余白 パディング 詰め物 填充 패딩 bordermode",
    "window": "kernelsize filtersize kernelshape filtershape ksize k f size poolsize poolshape pool window windowsize"
    " fsize poolingsize poolkernel kernel kdim filterdim kernelsizes tamanokernel tamano groesse fensterbreite"
    " saizu tam tamfiltro groessedesfensters taillefiltre taillenoyau tamanofiltro ventana janela fenetre"
    " tamkernel tamanho tamanhofiltro"
    " tamfiltro kerngroesse fenster filtergroesse taille mado filtersz windowshape poolwindow filterwidth2d"
    " 大きさ サイズ 窓 窓幅 窓の大きさ フィルタサイズ カーネルサイズ プールサイズ"
    " 卷积核大小 核大小 池化大小 窗口大小 窗口 커널크기"
    " convolutionshape poolingshape",
    "window_h": "kernelheight filterh flth poolh poolheight fieldheight kh fh hh filterheight hfilter windowh hf hk"
    " poolingheight fltheight windowheight pheight ph kernelh h nbrow nbrows",
    "window_w": "kernelwidth filterw fltw poolw poolwidth fieldwidth kw fw ww filterwidth wfilter windoww wf wk"
    " poolingwidth fltwidth windowwidth pwidth pw kernelw w nbcol nbcols",
    "in": "inchannels inch channels channelsin numchannels nchannels inputdepth inputchannels infilters xch cin c nc"
    " ncprev infeatures nin insize inputsize inputdim indim inputlen inputunits ninputs numinputs canalesentrada"
    " canales inputfeatures nupper eingangskanaele kanaele nyuryokusu inplanes d nprev depthin filterdepth"
    " 入力チャネル 入力チャネル数 入力数"
    " 输入通道 输入通道数 输入维度 输入大小 입력채널 입력크기"
    " infeature entradas nbchannels channelin nbcanaux nbentrees nbentree ncanais nentrada nentradas eingaenge"
    " neingaenge canauxentree tamentrada dimentrada",
    "out": "outchannels outch filters numfilters nfilters nfilter numkernels nbfilter nfeats channelsout depth nflt"
    " outfilters fn nout outfeatures outsize outputsize units numunits nunits nodes nneurons neurons outputdim outdim n"
    " nkernels outputchannels outputunits m hidden noutputs numoutputs canalessalida nfiltros numfiltros filterzahl"
    " anzahlfilter outputdepth numfilter outputfeatures shutsuryokusu features outplanes planes filternum salidas"
    " 出力チャネル 出力チャネル数 出力数 フィルタ数 输出通道 输出通道数 输出维度 输出大小"
    " 출력채널 출력크기 nodos ausgangskanaele kanaeleaus channelout nbfilters nbfiltres nbsorties nbsortie"
    " nsaida nsaidas nsalidas"
    " ausgaenge nausgaenge tamsalida dimsaida outputnum outnum numout filtres nfiltres unites",
    "output_shape": "outputshape outputsize outshape",
    "input_shape": "inputshape xdim xshape inshape imageshape inputdims shape imgshape formaentrada eingabeform"
    " prevshape origshape",
    "in_h": "xh inputheight imgh h height inh imageheight ih inheight",
    "in_w": "xw inputwidth imgw w_in width inw imagewidth iw inwidth",
    "out_h": "outh oh outputheight yh hout",
    "out_w": "outw ow outputwidth yw wout",
    "config": "convparam poolparam hparameters hparams params param conf config hyperparameters bnparam dropoutparam"
    " cfg poolparams convparams parameters hp options opts layer settings",
    "cache": "cache caches ctx memory saved",
    "activation": "activation act activationfunction actfn activationfn fn aktivierung nonlinearity",
    "mode": "mode pooltype type kind pooltyp method modo tipo modus typ typepool",
    "train": "train training trainflg istraining trainflag istrain flg trainmode phase traintest",
    "use_bias": "usebias hasbias addbias withbias",
    "ratio": "p ratio dropoutratio rate prob probability dropprob dropoutrate keepprob pdrop dropprobability droprate"
    " keep",
    "lrn_n": "n size localsize windowsize window depth nchannels kernelsize",
    "lrn_radius": "radius depthradius r",
    "lrn_k": "k bias",
    "lrn_alpha": "alpha a",
    "lrn_beta": "beta b",
    "gamma": "gamma scale g",
    "beta": "beta shift",
    "eps": "eps epsilon",
    "running_mean": "runningmean movingmean meanrunning",
    "running_var": "runningvar movingvar movingvariance runningvariance varrunning",
    "momentum": "momentum rho decay",
    "features": "numfeatures nfeatures features dim size channels numchannels d n inputdim inputsize",
    "name": "name label layername id tag",
    "seed": "seed rng randomstate key randomkey generator",
    "optimizer": "optimizer opt optim",
    "dilation": "dilation dilations",
    "reg": "reg l2 l2reg l2lambda lambda lam lambd regularization weightdecay regstrength regl2 regparam",
    "groups": "groups group",
    "batch": "batchsize bsize nsamples numsamples batchlen",
    "col": "col cols columns xcol matrix",
    "size": "n size inputsize insize w h width height inputlen length",
    "scale": "weightscale weightinitstd std init initializer weightinit initstd kernelinitializer",
}  # fmt: skip


def normalize(name: str) -> str:
    """Return a name in small letters, without underscores."""
    return name.replace("_", "").lower()


@cache
def method_word(name: str) -> str:
    """Return the word that a method's name stands for: forward for _forward, and for forwrad too."""
    plain = normalize(name.strip("_"))
    if name == "__call__" or plain in FORWARD or plain in BACKWARD:
        return name if name == "__call__" else plain
    near = get_close_matches(plain, ("forward", "backward"), 1, 0.8)
    return near[0] if near else plain


def compile_patterns() -> None:
    """Compile the patterns that every target's names are searched for: for a process that starts others."""
    for pattern in [*chain(*LAYERS.values()), UPSTREAM, WORD]:
        re.compile(pattern)


def layer_named(name: str) -> str | None:
    """Return the contract's name of the layer that a class's or function's name speaks of; None for none."""
    plain = normalize(name)
    for layer, (like, unlike) in LAYERS.items():
        if re.search(like, plain) and not (unlike and re.search(unlike, plain)):
            return layer
    return None


GENERIC = "len length term value val data arr array tensor layer conv pool param my the curr cur"
SAID_LAST = ("x", "w", "b", "stride", "pad", "lr", "cache")  # roles that a name's last word may tell: conv_bias
WORD = r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])"  # of a name
UPSTREAM = r"grad|upstream|delta|derivative|^d_?l_?d|err(or)?s?$"


@cache
def roles_of(name: str) -> tuple[str, ...]:
    """Return the roles that an argument of this name may have, in the table's order.

    A name of several words that is not in the table has the roles of what is left of it without words that say nothing
    (padLen), or of its last word (conv_bias).
    """
    if found := roles_of_word(normalize(name).lstrip("0123456789")):
        return found
    words = [w.lower() for w in re.findall(WORD, name)]
    if re.search(UPSTREAM, name.lower()):
        return ("dout",)
    telling = [w for w in words if w not in GENERIC.split()]
    if 0 < len(telling) < len(words) and (found := roles_of_word("".join(telling))):
        return found
    last = roles_of_word(words[-1]) if len(words) > 1 else ()
    return tuple(role for role in last if role in SAID_LAST)


@cache
def roles_of_word(plain: str) -> tuple[str, ...]:
    """Return the roles of a word that is in the table."""
    return tuple(role for role, words in ROLES.items() if plain in words.replace("_", "").split())
