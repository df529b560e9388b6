# %% answer id="write_conv_output_size"
import math
def conv_output_size(size, kernel, stride=1, padding=0):
    if size<=0 or kernel<=0 or stride<=0 or padding<0: raise ValueError('wrong input')
    if kernel > size+2*padding: raise ValueError('kernel too big')
    return math.floor((size+2*padding-kernel)/stride)+1
# %% answer id="write_correlate2d"
def correlate2d(image, kernel, stride=1, padding=0):
    if type(stride)==int: stride=(stride,stride)
    if type(padding)==int: padding=(padding,padding)
    out_dtype=np.float32 if image.dtype==np.float32 else np.float64
    image=np.pad(image,((padding[0],padding[0]),(padding[1],padding[1])))
    kh,kw=kernel.shape
    res=[]
    for i in range(0,image.shape[0]-kh+1,stride[0]):
        row=[]
        for j in range(0,image.shape[1]-kw+1,stride[1]):
            row.append(np.sum(image[i:i+kh,j:j+kw]*kernel))
        res.append(row)
    if len(res)==0 or len(res[0])==0: raise ValueError('kernel too big')
    return np.array(res,dtype=out_dtype)
# %% answer id="write_conv2d_forward"
def conv2d_forward(x, w, b, stride=1, padding=0):
    out=[]
    for img in x:
        maps=[]
        for f in range(w.shape[0]):
            s=0
            for c in range(w.shape[1]):
                s=s+correlate2d(img[c],w[f][c],stride,padding)
            maps.append(s+b[f])
        out.append(maps)
    return np.array(out), (x,w,b,stride,padding)
# %% answer id="write_conv2d_backward"
def conv2d_backward(dout, cache):
    x, w, b, stride, padding = cache
    # TODO dx and dw ... no idea yet
    db = dout.sum(axis=(0,2,3))
    return None, None, db
# %% answer id="write_max_pool2d_forward"
def max_pool2d_forward(x, size, stride=None):
    if stride is None: stride=size
    if type(size)==int: size=(size,size)
    if type(stride)==int: stride=(stride,stride)
    OH=conv_output_size(x.shape[2],size[0],stride[0])
    OW=conv_output_size(x.shape[3],size[1],stride[1])
    out=np.zeros((x.shape[0],x.shape[1],OH,OW),dtype=x.dtype)
    for i in range(OH):
        for j in range(OW):
            out[:,:,i,j]=np.max(x[:,:,i*stride[0]:i*stride[0]+size[0],j*stride[1]:j*stride[1]+size[1]],axis=(2,3))
    return out # cache???
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    return np.mean(x, axis=(2,3)).astype(x.dtype if x.dtype==np.float32 else float), x.shape
# %% answer id="question_parameters"
448??
